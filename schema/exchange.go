package schema

// Format turns bytes into records and back, syntax only. Of this version's syntaxes only JSON trees are compiled:
// kernel/exchange reads Root.
type Format struct {
	Meta
	Of   Scalar
	Root *Node
}

// Exchange is a channel and its flows.
type Exchange struct {
	Meta
	Channel Scalar
	Flows   []*Flow
}

// Flow finds a flow by name.
func (e *Exchange) Flow(name string) *Flow {
	for _, f := range e.Flows {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Flow is one direction of an exchange. A flow with an Answer is a request.
type Flow struct {
	Name   string
	Pos    Pos
	Title  string
	Send   Scalar
	Take   Scalar
	Format Scalar
	Source []Entry // name → Type
	Fresh  Scalar
	Answer *Answer
	Steps  []*Step
}

// Answer is what comes back to a request.
type Answer struct {
	Pos      Pos
	Record   Scalar
	Format   Scalar
	Wait     Scalar            // duration
	Rejected map[string]Scalar // CODE → none, unclear or failed
	Covers   []Cover
	Clear    Scalar // expression
	Steps    []*Step
}

// Cover says about which facts an answer speaks. How is untilTold or period.
type Cover struct {
	Type Scalar
	How  string
}

// Step is one act of an answer or a flow. Verb is match create update void submit start fire print notify task send.
type Step struct {
	Name   string
	Pos    Pos
	Verb   string
	Target Scalar // Type, or =record
	Each   Scalar // =path
	When   Scalar
	Of     Scalar
	With   Scalar
	Key    ValueMap
	None   string // create, stop or skip
	Many   string // ask or stop
	Set    ValueMap
	Reason Scalar
}
