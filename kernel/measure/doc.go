// Package measure decides rights: whether a person has a right to a measure of support, from when to when, and how
// much each slice of time is worth, with the explanation of each step down to the record and the article of law.
//
// Compile turns a definition into an immutable Measure, or into diagnostics at their places. A Measure then decides
// (Decide), tells which requests it lacks (Needs), and computes the slices that an award owes (Slices). All three are
// pure: records come through Facts, everything else outside through expr.World, and equal inputs give equal bytes.
// RunTest plays the `*_test.yaml` beside a definition without a database.
//
// The package posts no money (kernel/ledger does), writes nothing, sends no request and words nothing itself: titles,
// refusals and questions are those of the definition. kernel/command and kernel/job call it.
//
// # Names
//
// Facts and lets are computed in the order in which they read each other. A name that reads `slice`, directly or
// through others, is a slice name: it is computed for each slice. A name that reads `period` is computed once, when the
// period is known. All others are computed once, first. Names of the last two kinds are kept in the decision, from
// which slices read them.
//
// # Reading of the specification
//
//   - A first slice whose amount is not known waits where only facts of that slice are missing (the meter of this month
//     comes later); where anything else is missing the decision is unclear.
//   - A period without a day to pay for refuses: the reason is named "period" and carries the title of the measure.
//   - With `part: days` a right is refused by `while` only if every piece of the first unit fails.
package measure
