# Completion of bimambac for bash: source <(bimambac completions bash)
_bimambac() {
    local suggestion
    COMPREPLY=()
    while IFS= read -r suggestion; do
        suggestion=${suggestion%$'\r'}
        [[ $suggestion == "$2"* ]] && COMPREPLY+=("$suggestion")
    done < <("$1" '[suggest]' "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
# Where nothing is suggested, a file may stand.
complete -o bashdefault -o default -F _bimambac bimambac
