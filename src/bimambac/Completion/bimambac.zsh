#compdef bimambac
# Completion of bimambac for zsh: source <(bimambac completions zsh), or this text as _bimambac in a folder of $fpath
_bimambac() {
    local line="${(j: :)words[1,CURRENT-1]} $PREFIX"
    local -a suggestions
    compset -P '--*='
    suggestions=("${(@f)$("${(Q)words[1]}" '[suggest]' "$line" 2>/dev/null)}")
    suggestions=("${(@)suggestions:#}")
    # Where nothing is suggested, a file may stand.
    if (( ${#suggestions} )); then
        compadd -- "${(@)suggestions}"
    else
        _files
    fi
}
if [[ $funcstack[1] == _bimambac ]]; then
    _bimambac "$@"
else
    compdef _bimambac bimambac
fi
