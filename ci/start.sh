# Read by plan.sh, apply.sh and drift.sh: what each of them starts with.
#
# Environment:
#   XEROSYNC_FILES  chart files, one per line
#   XEROSYNC_OUT    a new or empty folder for what the job writes; by default a temporary one
#   XEROSYNC_STATE  outside GitHub and GitLab: a folder outside the checkout for .xerosync, which
#                   keeps the journals
# Sets out, forge and charts, and has functions that stop the job.
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
check_links() {
  local name real here
  here=$(pwd -P)
  for name in "$@"; do
    case $name in /* | ../*) continue ;; esac
    real=$(realpath -- "$name" 2>/dev/null) || continue # a missing file is reported later
    case $real in
      "$here"/.git | */.git/*) ;;
      "$here"/*) continue ;;
    esac
    stop 5 "$name is a link that leads out of the repository." "Replace it with the file itself."
  done
}
charts=()
while read -r name; do
  [ -z "$name" ] || charts+=("$name")
done <<<"${XEROSYNC_FILES:-accounts.yaml}"

check_switches() {
  local switch
  for switch in "$@"; do
    case ${!switch:-no} in
      yes | no) ;;
      *) printf 'Error: %s must be yes or no, not %q.\n' "$switch" "${!switch}" >&2; exit 64 ;;
    esac
  done
}

# Journals that are in the repository do not count: at a forge only those that are fetched,
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
