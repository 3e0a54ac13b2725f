package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/value"
)

// Measure is a compiled measure. It never changes and may be used by many at once.
type Measure struct {
	def  *schema.Measure
	cat  *schema.Catalog
	doc  *schema.Document
	env  *expr.Env
	vars map[string]*expr.Type

	asked       *expr.Program // nil: the date of the document, else the day on which it was made
	beneficiary *expr.Program
	recipient   *expr.Program // nil: the beneficiary

	names      []*name
	conditions []*condition
	while      []*condition
	from, to   *expr.Program // nil: asked; open
	amount     *expr.Program // nil with gifts only
	due        *expr.Program // nil: the end of the slice; of `once` its beginning
	gifts      []*gift
	purpose    []*expr.Program // nil: the beneficiary
	pay        Pay
	claim      Purpose  // without its key
	parameters []string // that slice expressions read
	labels     []string // on which anything of the decision depends

	dueReadsNames bool // the due date reads slice names, not only the slice
}

// stage tells when a name is computed.
type stage int

const (
	stageDecision stage = iota // once, first
	stagePeriod                // once, when the period is known
	stageSlice                 // for each slice
)

func (s stage) String() string { return [...]string{"decision", "period", "slice"}[s] }

// name is a fact or a let.
type name struct {
	name  string
	pos   schema.Pos
	stage stage
	layer int // of a fact, from 1; of a let, the greatest of those that it reads
	typ   *expr.Type
	reads []string
	fact  *fact
	let   *expr.Program
}

// fact is a compiled fact.
type fact struct {
	each     bool
	typ      string
	of       *expr.Program
	ofText   string
	ofType   string
	via      string
	at, over *expr.Program // both nil: the type has no period
	once     bool          // of what an award pays in a slice only the first step is read
	where    *filter.Tree
	ask      []string
	citizen  bool
	fresh    value.Duration
	max      int
}

// condition is an entry of `conditions` or `while`.
type condition struct {
	name, title, question string
	law                   schema.Law
	from                  value.Date
	of                    *expr.Program
	row                   string
	lets                  []*name
	rule, refuse          *expr.Program
	words                 []words  // of a refusal in other languages
	fails                 Status   // of while
	reads                 []string // facts and lets
}

// words are the title of a condition and its refusal in a language; refuse may be nil.
type words struct {
	lang, title string
	refuse      *expr.Program
}

type gift struct {
	document *schema.Document
	set      []*expr.Setter
}

// FactQuery asks for the records of a fact: those of Type, or that extend it where it is abstract, whose link Via leads to one of the records Of (Via "id": the
// records Of themselves), that hold on a day of Window, and pass Where.
type FactQuery struct {
	Fact   string
	Type   string
	Via    string
	Of     []string
	Window *value.Period // nil: the type has no period
	Where  *filter.Tree
	// Ask are the requests of which each must have an answer that covers Of and Window (Covers tells). With Citizen a
	// record of the type that was entered in the case with an attachment stands for all of them; where there is neither
	// such a record nor a request to ask, "citizen" is what is missing. Fresh is how long an answer serves; zero: as its
	// flow says. Max is the most records that are wanted: one more may be returned, to tell that there are too many.
	Ask     []string
	Citizen bool
	Fresh   value.Duration
	Max     int
}

// Known is the answer to a FactQuery: records ordered by (holds.from, id), and the requests that do not cover, so that
// there may be more records. Sources say from where a record is known, by its id.
type Known struct {
	Records []*expr.Record
	Missing []string
	Sources map[string]string
}

// Facts finds records. An implementation pins what was known when; the measure asks each question once a run.
type Facts interface {
	Find(ctx context.Context, q FactQuery) (Known, error)
}

// Input is what a decision is made from.
type Input struct {
	Ctx         context.Context
	Doc         *expr.Record
	Asked       value.Date // zero: by the definition
	Created     value.Date // day on which Doc was made
	Beneficiary string     // id: only this one of a list
	Facts       Facts
	World       expr.World
	Answers     map[string]any // name of a condition or fact → bool: what a person said of what is unclear
}

// ErrNegative is a slice with an amount below zero: an error of that record, never a payment.
var ErrNegative = errors.New("the amount is negative")

// LimitError tells that a fact found more records, or a schedule has more slices, than allowed. It concerns one record,
// never a run.
type LimitError struct {
	What string
	Most int
}

func (e *LimitError) Error() string { return fmt.Sprintf("%s: more than %d", e.What, e.Most) }

// Name is the name of the measure, About the type of its documents.
func (m *Measure) Name() string { return m.def.Name }

// About is the type of the documents that the measure is about.
func (m *Measure) About() string { return m.def.About.Text }

// Title is the measure's title.
func (m *Measure) Title() string { return m.def.Title }

// NameInfo describes a name of the measure as the compiler understood it.
type NameInfo struct {
	Name  string
	Fact  bool
	Stage string // decision, period or slice: when it is computed
	Layer int    // of facts that read facts
	Type  string
}

// Names are the facts and lets in the order in which they are computed.
func (m *Measure) Names() []NameInfo {
	out := make([]NameInfo, len(m.names))
	for i, n := range m.names {
		out[i] = NameInfo{Name: n.name, Fact: n.fact != nil, Stage: n.stage.String(), Layer: n.layer, Type: n.typ.String()}
	}
	return out
}

// Types are the documents that the measure is about and that its facts read, each once: by them a change finds the awards it touches.
func (m *Measure) Types() []string {
	out := []string{m.def.About.Text}
	for _, n := range m.names {
		if n.fact != nil {
			for _, typ := range append(n.fact.where.Links(), n.fact.typ) {
				out = append(out, m.behindType(typ)...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// behindType are the types of which the records of a fact may be: those that extend an abstract one, else itself.
func (m *Measure) behindType(typ string) []string {
	if d := m.cat.Documents[typ]; d == nil || !d.Abstract {
		return []string{typ}
	}
	return m.cat.Extending(typ)
}

// ReadsAwards tells that the right or its amounts depend on awards: of others, or of the same person.
func (m *Measure) ReadsAwards() bool {
	return slices.ContainsFunc(m.names, func(n *name) bool { return n.fact != nil && schema.KernelFact(n.fact.typ) != nil })
}

// Parameters are those that slice expressions read: a new value of one recalculates the awards.
func (m *Measure) Parameters() []string { return slices.Clone(m.parameters) }

func (m *Measure) named(name string) *name {
	for _, n := range m.names {
		if n.name == name {
			return n
		}
	}
	return nil
}

func (m *Measure) sliceFacts() int {
	count := 0
	for _, n := range m.names {
		if n.fact != nil && n.stage == stageSlice {
			count++
		}
	}
	return count
}
