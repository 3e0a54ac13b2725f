// Package workflows is the engine of cases: it compiles a workflow of the definition language into an immutable
// Machine and moves a case through it.
//
// Compile checks every expression, name and value of the definition and finds what cannot work: states that nobody
// reaches or leaves, loops without a person or time, a settle that no decide precedes. Fire takes a case as it stands
// and one trigger - it was made, an event was fired, something it waits for changed, a timer rang - and returns what
// must become of it: the next Snapshot, the patch of the document, the work to open, the timers to set, the effects to
// carry out. Section 5 of the language says what that is.
//
// The package is pure. It reads no clock, makes no ids, does no I/O and decides no measure: what a move needs from
// outside comes with Input, the determination by Host. kernel/command calls Fire on the write road and stores the
// Outcome in the transaction of the trigger; graph asks for Events, Editable and Diagram; `mera test` calls RunTest.
package workflows
