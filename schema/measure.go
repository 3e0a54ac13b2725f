package schema

// Measure is a support measure: whose right, on which facts, by which conditions, from when to when and how much.
type Measure struct {
	Meta
	About       Scalar
	Asked       Scalar // expression; default doc.date, else the day the record was made
	Beneficiary Scalar // path
	Recipient   Scalar // path; default the beneficiary
	Facts       []*Fact
	Lets        []*Let
	Conditions  []*Condition
	While       []*Condition
	PeriodFrom  Value
	PeriodTo    Value
	Amount      Value
	Gives       []Gift
	Pay         Pay
	Purpose     Purpose
	Recover     Scalar // percent
	Code        string
	Codes       map[string]string
	Group       Scalar
	Tags        []string
	Counts      []Scalar // tags by which other measures see its amounts
}

// Fact is a set of records that a measure reads.
type Fact struct {
	Name  string
	Pos   Pos
	Title string
	Each  bool   // a list; else none or one
	Type  Scalar // document
	Of    Scalar // path
	Via   Scalar // link property
	At    Scalar // expression: a day; or
	Over  Scalar // expression: a period
	Where *Node  // constants only
	Ask   []Scalar
	Fresh Scalar // duration
	Max   int    // 0 = 100
}

// Let is an intermediate value, kept in the decision.
type Let struct {
	Name  string
	Pos   Pos
	Value Value
}

// Condition is one entry of `conditions` or `while`.
type Condition struct {
	Name     string
	Pos      Pos
	Title    string
	Rule     Scalar
	Refuse   Scalar // template
	Law      Law
	From     Scalar // date
	Question string
	OfName   string // `of: {x: list}`: the name of the row
	Of       Scalar // and the list
	Lets     []*Let
	Fails    string // while only: skip, hold or end
}

// Gift is the document that `settle` makes for a right without money.
type Gift struct {
	Document Scalar
	Set      ValueMap
}

// Pay says how slices are cut and when they are due.
type Pay struct {
	Pos   Pos
	Every string // month, quarter, year or once
	Due   Scalar // expression
	Part  string // whole, days or none
}

// Purpose is the unique key that one award of a purpose takes.
type Purpose struct {
	Pos      Pos
	Name     Scalar // empty: the measure itself
	Of       []Scalar
	Per      string // slice, year or life
	Conflict string // refuse, replace or larger
}
