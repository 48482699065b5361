#!/usr/bin/env bash
# What a program that trains a model costs to compile, beside the same program written with Eigen alone.
#
#   bench/compile_time/run.sh [PAIRS] [COMPILER]
#
# Prints a table, and ends with 1 where a ratio is over its budget: processor time of the training unit at -O2 over
# Eigen's (median of PAIRS, 3 by default, taken in turns), and with all passes over that with none (least of two each).
# EIGEN names the folder of Eigen's headers.
set -euo pipefail
cd "$(dirname "$0")/../.."
pairs=${1:-3} compiler=${2:-g++} eigen=${EIGEN:-/usr/include/eigen3}
budget=1.6  # the gate is 1.5 on a quiet machine (docs/benchmarks/spine.md); shared ones are noisier
passes_budget=1.3
units=bench/spine/units
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
options=(-std=c++20 -march=native -Iinclude -Ibench/spine -isystem "$eigen")

# processor COMMAND...: seconds of processor time.
processor() {
  local TIMEFORMAT='%U %S'
  { time "$@" >"$scratch/out" 2>"$scratch/err"; } 2>"$scratch/time" || { cat "$scratch/err" >&2; return 1; }
  awk '{ printf "%.2f\n", $1 + $2 }' "$scratch/time"
}
compiled() { processor "$compiler" "${options[@]}" "${@:2}" -c "$units/$1.cpp" -o "$scratch/$1.o"; }
least() { sort -n | head -1; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
text_kib() { size "$scratch/$1.o" | awk 'NR == 2 { printf "%d", $1 / 1024 }'; }
longest_symbol() { nm "$scratch/$1.o" | awk '{ n = length($NF); if (n > most) most = n } END { print most }'; }
# first_loss UNIT OPTIONS...: seconds from an edit to the first lines of the program: compile, link, run.
first_loss() {
  local started=$EPOCHREALTIME
  "$compiler" "${options[@]}" "${@:2}" "$units/$1.cpp" -o "$scratch/$1" -pthread
  "$scratch/$1" >/dev/null
  awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'
}

echo "Training unit of a 57-64-2 MLP, $("$compiler" --version | head -1)"
for ((i = 0; i < pairs; ++i)); do
  ours=$(compiled mlp_tenon -O2)
  theirs=$(compiled mlp_eigen -O2)
  echo "$ours" >>"$scratch/ours"
  echo "$theirs" >>"$scratch/theirs"
  awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f\n", a / b }' >>"$scratch/ratios"
done
ratio=$(median <"$scratch/ratios")
printf '%-44s %10s %10s\n' "" tenon eigen
printf '%-44s %10s %10s\n' "processor time at -O2, s" "$(median <"$scratch/ours")" "$(median <"$scratch/theirs")"
printf '%-44s %10s %10s\n' "object code at -O2, KiB" "$(text_kib mlp_tenon)" "$(text_kib mlp_eigen)"
printf '%-44s %10s %10s\n' "longest symbol, characters" "$(longest_symbol mlp_tenon)" "$(longest_symbol mlp_eigen)"
for level in "-O0 -g" "-O2"; do
  # shellcheck disable=SC2086
  printf '%-44s %10s %10s\n' "from an edit to the first loss at $level, s" "$(first_loss mlp_tenon $level)" \
    "$(first_loss mlp_eigen $level)"
done
for ((i = 0; i < 2; ++i)); do
  for passes in none all; do compiled mlp_tenon -O2 "-DPASSES=passes::$passes" >>"$scratch/$passes"; done
done
none=$(least <"$scratch/none") all=$(least <"$scratch/all")
printf '%-44s %10s %10s\n' "" "all passes" none
printf '%-44s %10s %10s\n' "processor time at -O2, s" "$all" "$none"
passes_ratio=$(awk -v a="$all" -v n="$none" 'BEGIN { printf "%.2f", a / n }')
echo "ratio of processor times: $ratio (budget $budget), of passes $passes_ratio (budget $passes_budget)"
awk -v r="$ratio" -v b="$budget" -v p="$passes_ratio" -v q="$passes_budget" 'BEGIN { exit !(r <= b && p <= q) }'
