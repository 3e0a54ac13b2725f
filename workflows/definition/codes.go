package definition

// Codes of the diagnostics of this package, besides those of expressions (package expr).
const (
	CodeType          = "unknown-type"          // about, case, create or start names no fitting document
	CodeState         = "unknown-state"         // no state of that name
	CodeWho           = "nobody"                // a task that is nobody's
	CodeIf            = "useless-if"            // if beside another trigger than an event
	CodeLimit         = "limit"                 // more states or work than a workflow may have
	CodeFinal         = "final-moves"           // a final state has a way out, work or a timer
	CodeStay          = "when-stays"            // what is looked at after every change must move
	CodeWorkName      = "work-name"             // a name that two kinds of work share
	CodeMeasure       = "wrong-measure"         // an unknown measure, or one about another type
	CodeRequest       = "wrong-request"         // an exchange that is unknown or has no answer
	CodeSource        = "request-source"        // a source of a request that nothing gives
	CodeDecidable     = "nothing-asked"         // decidable where the state asks no measure
	CodeSettle        = "settle-without-decide" // a way to a settle that passes no decide
	CodeDuration      = "bad-duration"          // no duration
	CodeEvery         = "bad-every"             // a recurrence that cannot be reckoned
	CodeTime          = "not-a-time"            // an `at` that is neither a date nor an instant
	CodeOffice        = "not-an-office"         // an office that is none
	CodeList          = "not-a-list"            // an `each` that is no list
	CodeRecord        = "not-a-record"          // an `of` or `to` that leads to no fitting record
	CodeProperty      = "unknown-property"      // set or edit names no property of the type
	CodeComputed      = "computed-property"     // a property with x-value is never written
	CodeLiteral       = "wrong-value"           // a literal that the property does not take
	CodeCard          = "no-card"               // a new record whose card nothing gives
	CodeEffect        = "wrong-effect"          // an effect whose target is unknown or not about this type
	CodeUnreachable   = "unreachable-state"     // lint: no way leads to it
	CodeNoExit        = "no-way-out"            // lint: not final, and no way leads out of it
	CodeAddress       = "same-address"          // lint: two transitions of a state with one address
	CodeLoop          = "automatic-loop"        // lint: states that pass the case on in a circle by themselves
	CodeNobody        = "nobody-may-fire"       // lint: an event without `by`
	CodeDead          = "never-looked-at"       // lint: automatic transitions after an otherwise
	CodeAlwaysAllDone = "all-done-without-work" // lint: allDone in a state without work is always true
)

// Limits of section 9 of the language.
const (
	maxStates = 100
	maxWork   = 30
)
