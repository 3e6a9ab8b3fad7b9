# Completion of flotilla for bash: commands and options as the program itself explains them, run ids as the server knows them.
_flotilla() {
  local word=${COMP_WORDS[COMP_CWORD]} commands command
  commands=$(flotilla --help | sed -n '/^Commands:/,$s/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p')
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(cut -d' ' -f1 <<<"$commands" | sort -u) --help --version" -- "$word")
    return
  fi
  command=${COMP_WORDS[1]}
  if grep -q "^$command " <<<"$commands"; then
    if [ "$COMP_CWORD" -eq 2 ]; then
      mapfile -t COMPREPLY < <(compgen -W "$(sed -n "s/^$command //p" <<<"$commands")" -- "$word")
      return
    fi
    command+=" ${COMP_WORDS[2]}"
  fi
  case $word in
    -*)
      # shellcheck disable=SC2086
      mapfile -t COMPREPLY < <(compgen -W "$(flotilla $command --help | grep -o -- '--[a-z-]\+' | sort -u)" -- "$word")
      ;;
    *)
      case $command in
        logs | status | stop)
          local ids
          ids=$(flotilla runs --json --limit 50 2>/dev/null | grep -o '"run_id": *"[^"]*"' | cut -d'"' -f4)
          mapfile -t COMPREPLY < <(compgen -W "$ids" -- "$word")
          ;;
        *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
      esac
      ;;
  esac
}
complete -o filenames -F _flotilla flotilla
