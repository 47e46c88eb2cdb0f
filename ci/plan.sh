#!/usr/bin/env bash
# The job on a pull request: validates the chart, plans, and shows the plan to its reviewers.
#
# Environment:
#   XEROSYNC_FILES         chart files, folders of them or patterns, one per line
#   XEROSYNC_ONLY_CHANGED  yes: in a folder, plan only the charts that a pull request changes,
#                          directly or through a standard; needs the history of both branches
#   XEROSYNC_CURRENT       a chart CSV, for the plan of a pull request from a fork
#   XEROSYNC_CSV_ONLY      yes: plan every pull request against that CSV, without credentials
#   XEROSYNC_ALLOW         limits to raise, such as archives=12, as the apply will have them
#   XEROSYNC_SKIP_BLOCKED  yes, if the apply will skip blocked changes
#   XEROSYNC_OUT           a new folder for plan.json, plan.md and plan.html
#   XEROSYNC_STATE         outside GitHub and GitLab: the folder outside the checkout with the
#                          journals
#   and what GitHub or GitLab sets, and the credentials for Xero, including those of a profile
set -euo pipefail
# shellcheck source=ci/start.sh
. "$(dirname "${BASH_SOURCE[0]}")/start.sh"

files=() selected=() planned=0
for name in "${charts[@]}"; do files+=(--file "$name"); done
read -r -d '' -a limits <<<"${XEROSYNC_ALLOW:-}" || true
allowed=("${limits[@]/#/--allow=}")
[ "${XEROSYNC_SKIP_BLOCKED:-no}" != yes ] || allowed+=(--skip-blocked)
csv_only=${XEROSYNC_CSV_ONLY:-no}

# If this job fails, the comment must not keep showing the plan of an earlier commit.
# A cancelled job leaves that to the job that replaced it.
commented=no
[ "$csv_only" != yes ] || commented=yes
ended() {
  code=$?
  if [ "$code" != 0 ] && [ "$commented" = no ] && [ -n "$forge" ]; then
    echo "There is no plan: exit code $code." >"$out/failed.txt" # so that the artifact exists
    xerosync ci comment --failed "${files[@]}" || true
  fi
  hand_over
  exit "$code"
}
trap ended EXIT
trap 'trap - EXIT; exit 130' INT TERM

check_switches XEROSYNC_CSV_ONLY XEROSYNC_SKIP_BLOCKED XEROSYNC_ONLY_CHANGED
if [ "$many" = yes ] && { [ -n "${XEROSYNC_CURRENT:-}" ] || [ "$csv_only" = yes ]; }; then
  stop 64 "A CSV is the chart of one organisation, and this job is for a folder." \
    "Name one chart file, or plan without a CSV."
fi
current=${XEROSYNC_CURRENT:-chart.csv}
check_links "${charts[@]}" "$current"

format=text
[ -z "${GITHUB_ACTIONS:-}" ] || format=github
quality=$out/gl-code-quality-report.json # GitLab shows it at the lines
valid=0
xerosync validate "${files[@]}" --format "$format" || valid=$?
if [ "$valid" != 0 ]; then
  [ -z "${GITLAB_CI:-}" ] || xerosync validate "${files[@]}" --format gitlab >"$quality" || true
  exit "$valid"
fi

# Only a fork's job, or one whose chart is unchanged, may lack credentials. Others fail here.
source=branch
if [ "$csv_only" = yes ]; then
  source=csv
elif [ -n "$forge" ]; then
  source=$(xerosync ci source "${files[@]}")
fi

if [ "$source" = unchanged ]; then
  why="Not planned: no credentials for Xero, and no chart file changed."
  echo "$why"
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || echo "$why" >>"$GITHUB_STEP_SUMMARY"
  exit 0
fi
if [ "$source" = csv ] || { [ "$source" = fork ] && [ -n "${XEROSYNC_CURRENT:-}" ]; }; then
  xerosync plan "${files[@]}" --current "$current" \
    --json-file "$out/plan.json" --markdown-file "$out/plan.md" --html-file "$out/plan.html"
elif [ "$source" != fork ]; then
  if [ "$many" = yes ] && [ "$source" = request ] && [ "${XEROSYNC_ONLY_CHANGED:-no}" = yes ]; then
    base=${GITHUB_BASE_REF:+origin/$GITHUB_BASE_REF}
    selected=(--select "changed:${base:-${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}}")
  fi
  xerosync plan "${files[@]}" "${selected[@]}" --out "$out/plan.json" \
    --markdown-file "$out/plan.md" --html-file "$out/plan.html" || planned=$?
  # 6: some organisations could not be planned. The comment names them first, and the others can
  # be applied.
  [ "$planned" = 0 ] || [ "$planned" = 6 ] || exit "$planned"
else
  echo "This comes from a fork, which has no credentials for Xero: its chart is valid, but there is no plan."
  exit 0
fi

# Exits with 5 if apply would refuse the plan, and with 6 if it would refuse only some
# organisations. Only GitHub reads the annotations from the log.
refused=0
if [ -n "${GITLAB_CI:-}" ]; then
  xerosync ci annotate "$out/plan.json" "${allowed[@]}" --format gitlab >"$quality" || refused=$?
else
  annotations=$(xerosync ci annotate "$out/plan.json" "${allowed[@]}") || refused=$?
fi
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"
  [ -z "$annotations" ] || echo "$annotations"
  # Tell the reviewers of the environment which options the apply has. An invalid one has
  # failed above.
  if { [ "$refused" = 0 ] || [ "$refused" = 6 ]; } && [ ${#allowed[@]} != 0 ]; then
    printf '\n**This plan is to be applied with `%s`.**\n' "${allowed[*]}" >>"$GITHUB_STEP_SUMMARY"
  fi
fi
# A fork's token cannot comment: that plan is in the summary of the job.
if [ "$source" = request ]; then
  xerosync ci comment "$out/plan.md" --plan "$out/plan.json" "${files[@]}"
  commented=yes
fi
# The apply of the others is not held up.
if [ "$refused" = 6 ] || { [ "$refused" = 0 ] && [ "$planned" = 6 ]; }; then
  [ -z "${GITHUB_ACTIONS:-}" ] || echo "::warning title=xerosync::Some organisations cannot be applied: see the plan."
  refused=0
fi
exit "$refused"
