package measure

// Codes of the diagnostics of this package. Those of expressions and filters are the codes of schema/expr and
// schema/filter.
const (
	CodeType        = "unknown-type"       // no such document
	CodeKernelType  = "no-facts-of-type"   // a kernel type of which there are no facts
	CodeAwardAmount = "award-amount"       // what is computed for each slice reads the amount of awards
	CodeCounts      = "counts-cycle"       // amounts that count each other
	CodeRequest     = "unknown-request"    // `ask` names no exchange with an answer
	CodeCover       = "request-covers-not" // the answer says nothing about the type of the fact
	CodePurpose     = "unknown-purpose"    // no such item of the classifier Purpose
	CodeLink        = "no-link"            // no link, or no single one, from the type of a fact to what `of` gives
	CodeMissing     = "missing-key"        // a key without which the definition says nothing
	CodeDuplicate   = "duplicate-name"     // two facts, lets or conditions of one name
	CodeReserved    = "reserved-name"      // a name of the slot: doc, asked, slice …
	CodeCycle       = "cycle"              // names that read each other
	CodeLayers      = "too-many-layers"    // facts that read facts, more than four deep
	CodeSliceName   = "reads-slice"        // what is judged once reads what is computed for each slice
	CodePeriodName  = "reads-period"       // what is judged before the period reads it
	CodeDocument    = "slice-reads-doc"    // a slice expression reads the document itself
	CodeWrong       = "wrong-value"        // a word, date, duration or percent that is none
	CodeRecord      = "not-a-record"       // a path that leads to no record
	CodeWindow      = "no-window"          // a fact that does not say on which days
	CodeLimit       = "limit"              // more facts, lets, conditions … than allowed
	CodeManyFacts   = "many-slice-facts"   // lint: more than two slice facts are too slow for a mass measure
	CodeWords       = "no-refusal"         // lint: a condition without words for its refusal
	CodeProperty    = "unknown-property"   // `gives` sets a property that the document lacks
)

// Limits of a measure (section 9 of the language).
const (
	maxFacts      = 20
	maxLayers     = 4
	maxRecords    = 1000 // of `each`, as written
	defaultMax    = 100
	maxConditions = 60
	maxLets       = 60
	massFacts     = 2

	decisionCost = 2_000_000
	sliceCost    = 200_000
	maxSlices    = 1200 // units of one schedule: a hundred years of months
	maxPlanned   = 120  // slices that a decision shows
)
