# Completion of bimambac for PowerShell: bimambac completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName bimambac -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    $line = $commandAst.Extent.Text.PadRight($length).Substring(0, $length)
    $prefix = if ($wordToComplete -match '^--[^=]*=') { $Matches[0] } else { '' }
    # Where nothing is suggested, PowerShell completes files.
    & $commandAst.GetCommandName() '[suggest]' $line 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new("$prefix$_", $_, 'ParameterValue', $_)
    }
}
