# Completion of bimambac for fish: bimambac completions fish | source
function __bimambac_suggestions
    set -l program (commandline -opc)[1]
    set -l line (commandline -cp | string collect)
    set -l token (commandline -ct)
    set -l prefix
    if string match -q -- '--*=*' $token
        set prefix (string replace -r -- '=.*' '=' $token)
    end
    set -l suggestions ($program '[suggest]' "$line" 2>/dev/null)
    # Where nothing is suggested, a file may stand.
    if test (count $suggestions) -gt 0
        printf '%s\n' "$prefix"$suggestions
    else
        __fish_complete_path "$token"
    end
end
complete -c bimambac -f -a '(__bimambac_suggestions)'
