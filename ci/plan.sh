#!/usr/bin/env bash
# The job on a pull request: checks the chart, plans, and shows the plan to who reviews it.
#
# Environment: XEROSYNC_FILES (chart files, one a line), XEROSYNC_CURRENT (a chart CSV, against
# which a fork's pull request is planned), XEROSYNC_ALLOW (limits to raise, as
# archives=12) and XEROSYNC_SKIP_BLOCKED (yes) as the apply will have them, XEROSYNC_OUT (a folder
# for what is kept), what GitHub sets, and the credentials for Xero, those of a profile too.
set -euo pipefail

out=${XEROSYNC_OUT:-xerosync-out}
mkdir -p "$out"
files=()
while read -r name; do
  [ -z "$name" ] || files+=(--file "$name")
done <<<"${XEROSYNC_FILES:-accounts.yaml}"

read -r -d '' -a limits <<<"${XEROSYNC_ALLOW:-}" || true
allowed=("${limits[@]/#/--allow=}")
[ "${XEROSYNC_SKIP_BLOCKED:-no}" != yes ] || allowed+=(--skip-blocked)
forge=${GITHUB_ACTIONS:-}${GITLAB_CI:-}

# Where there is no plan, the comment of an earlier one must not stand as if it were of this
# commit. A job that is cancelled leaves that to the one that comes after it.
commented=no
ended() {
  code=$?
  if [ "$code" != 0 ] && [ "$commented" = no ] && [ -n "$forge" ]; then
    xerosync ci comment --failed "${files[@]}" || true
  fi
  exit "$code"
}
trap ended EXIT
trap 'trap - EXIT; exit 130' INT TERM

xerosync validate "${files[@]}" --format "$([ -n "${GITHUB_ACTIONS:-}" ] && echo github || echo text)"

# A fork alone may be without credentials: elsewhere that is an error, and no green job.
source=branch
[ -z "$forge" ] || source=$(xerosync ci source)

if [ "$source" != fork ]; then
  xerosync plan "${files[@]}" --out "$out/plan.json" \
    --markdown-file "$out/plan.md" --html-file "$out/plan.html"
elif [ -n "${XEROSYNC_CURRENT:-}" ]; then
  xerosync plan "${files[@]}" --current "$XEROSYNC_CURRENT" --json-file "$out/plan.json" \
    --markdown-file "$out/plan.md" --html-file "$out/plan.html"
else
  echo "A pull request from a fork, which has no credentials for Xero: the file was checked, not planned."
  exit 0
fi

refused=0
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"
  xerosync ci annotate "$out/plan.json" "${allowed[@]}" || refused=$?
  # Who lets the apply go on has to know; what was not understood has failed above, and is not said.
  if [ "$refused" = 0 ] && [ ${#allowed[@]} != 0 ]; then
    printf '\n**This run applies it with `%s`.**\n' "${allowed[*]}" >>"$GITHUB_STEP_SUMMARY"
  fi
fi
# The token of a fork's pull request may only read: its plan is in the job's summary.
if [ "$source" = request ]; then
  xerosync ci comment "$out/plan.md" --plan "$out/plan.json" "${files[@]}"
  commented=yes
fi
exit "$refused"
