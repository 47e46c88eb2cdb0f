# Read by plan.sh, apply.sh and drift.sh: what each of them starts with.
#
# Environment:
#   XEROSYNC_FILES  chart files, folders of them or patterns, one per line
#   XEROSYNC_OUT    a new or empty folder for what the job writes; by default a temporary one
#   XEROSYNC_STATE  outside GitHub and GitLab: a folder outside the checkout for .xerosync, which
#                   keeps the journals
# Sets out, forge, charts, and many (yes if a folder or a pattern names the charts). Defines
# functions that check the job's input and stop the job.
#
# Whoever opens a pull request chooses the files and links of the checkout. None of them is run,
# written through, or taken for something that this job or an earlier one has written.
unset PYTHONPATH PYTHONHOME # nothing in the checkout is imported

stop() { # exit status, message, what to do
  printf 'Error: %s\n  %s\n' "$2" "$3" >&2
  exit "$1"
}

[ "${BASH_VERSINFO[0]}" -ge 5 ] || [ "${BASH_VERSION%.*}" = 4.4 ] ||
  stop 64 "This is bash $BASH_VERSION; these scripts need 4.4 or later." "On macOS: brew install bash."

out=${XEROSYNC_OUT:-$(mktemp -d)}
while [[ $out == ?*/ ]]; do out=${out%/}; done # a link with a / after it is no link to -L
mkdir -p "$out"
shopt -s nullglob dotglob
found=("$out"/*)
shopt -u nullglob dotglob
if [ -L "$out" ] || [ ${#found[@]} != 0 ]; then
  stop 64 "XEROSYNC_OUT ($out) is a link, or is not empty." \
    "Name a new folder for each job: files that are there already could be taken for this job's."
fi
[ -n "${XEROSYNC_OUT:-}" ] || echo "This job writes its files to $out." >&2

# A message about a file quotes its lines, so no link may lead to a file that is not in Git.
# The files that a chart extends are checked as they are read.
check_links() {
  local name each IFS=
  local names
  shopt -s globstar nullglob
  for name in "$@"; do
    case $name in /* | ../*) continue ;; esac
    names=("$name")
    # shellcheck disable=SC2206 # a pattern is expanded, and nothing is split, as IFS is empty
    [ -e "$name" ] || [ -L "$name" ] || names=($name)
    for each in "${names[@]}"; do
      check_link "$each"
      [ -d "$each" ] || continue
      for each in "${each%/}"/**; do
        [ ! -L "$each" ] || check_link "$each"
      done
    done
  done
  shopt -u globstar nullglob
}
check_link() {
  local real here
  here=$(pwd -P)
  real=$(realpath -- "$1" 2>/dev/null) || return 0 # a missing file is reported later
  case $real in
    "$here"/.git | */.git/*) ;;
    "$here" | "$here"/*) return 0 ;;
  esac
  stop 5 "$1 is a link that leads out of the repository, or is in .git." "Name a file of the repository."
}
charts=()
while read -r name; do
  [ -z "$name" ] || charts+=("$name")
done <<<"${XEROSYNC_FILES:-accounts.yaml}"
many=no
for name in "${charts[@]}"; do
  if [ -d "$name" ] || { [[ $name == *[*?[]* ]] && [ ! -e "$name" ] && [ ! -L "$name" ]; }; then
    many=yes
  fi
done

check_switches() {
  local switch
  for switch in "$@"; do
    case ${!switch:-no} in
      yes | no) ;;
      *) printf 'Error: %s must be yes or no, not %q.\n' "$switch" "${!switch}" >&2; exit 64 ;;
    esac
  done
}

# Journals that are in the repository do not count. On GitHub and GitLab only fetched ones do,
# elsewhere only those of a folder outside the checkout.
forge=${GITHUB_ACTIONS:-}${GITLAB_CI:-}
if [ -n "$forge" ]; then
  rm -rf .xerosync
elif [ -n "${XEROSYNC_STATE:-}" ] && { [ -L .xerosync ] || [ ! -e .xerosync ]; }; then
  mkdir -p "$XEROSYNC_STATE"
  case $(realpath -- "$XEROSYNC_STATE")/ in
    "$(pwd -P)"/*) stop 64 "XEROSYNC_STATE is in the checkout." "Name a folder outside it." ;;
  esac
  ln -sfn "$(realpath -- "$XEROSYNC_STATE")" .xerosync
elif [ -e .xerosync ] || [ -L .xerosync ]; then
  stop 5 "The checkout has a folder .xerosync: a pull request could have brought its journals." \
    "Move it out of the checkout, and name its new place in XEROSYNC_STATE."
fi

# GitLab keeps only files of the checkout: put what this job wrote there, at its end.
hand_over() {
  local file name
  [ -n "${GITLAB_CI:-}" ] || return 0
  for file in "$out"/*; do
    [ -f "$file" ] || continue
    name=${file##*/}
    rm -rf -- "./$name"
    mv -- "$file" "./$name"
  done
}
trap hand_over EXIT
