package expr

// Codes of the diagnostics of this package.
const (
	CodeSyntax       = "syntax"            // the text is no expression
	CodeTooLong      = "too-long"          // the text is longer than 4 KB
	CodeNotLanguage  = "not-in-language"   // CEL that the language leaves out: null, maps, bytes, exponents …
	CodeReserved     = "reserved-name"     // a word that may not be a name
	CodeName         = "unknown-name"      // no such name in this slot
	CodeProperty     = "unknown-property"  // no such property of a type
	CodeFunction     = "unknown-function"  // no such function, parameter or method
	CodeArgument     = "wrong-argument"    // the number or type of arguments
	CodeType         = "wrong-type"        // operands that do not go together, or another type than the slot wants
	CodeUnrounded    = "unrounded"         // a Number where Money is wanted
	CodeItem         = "unknown-code"      // a literal that is no code of the classifier, enum or kind of definition
	CodePattern      = "bad-pattern"       // a regular expression that is none
	CodeDate         = "bad-date"          // a date that is none
	CodeTemplate     = "bad-template"      // braces that do not match
	CodePath         = "not-a-path"        // something else than dots where a path is wanted
	CodeRecursion    = "recursion"         // a function that calls itself
	CodeFaulty       = "faulty-function"   // a call of a function that has faults of its own
	CodeNotSupported = "not-supported-yet" // a word of the language that this version does not evaluate
	CodeTooDeep      = "too-deep"          // brackets nested deeper than 64
)
