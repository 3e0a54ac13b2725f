package exchange

import (
	"context"
	"encoding/json"

	"mera/schema/expr"
	"mera/schema/value"
)

// BuildInput is what a request is made from. Case may be nil.
type BuildInput struct {
	Ctx     context.Context
	Subject *expr.Record            // of the type that the flow's first source names
	Others  map[string]*expr.Record // of its other sources, by their names
	Case    *expr.Record
	Asked   value.Date
	World   expr.World
}

// Build makes the body of a request. An *Error says what is missing or has no code; any other error is a failure of
// the world.
func (f *Flow) Build(in BuildInput) (json.RawMessage, error) {
	record, err := f.fill(in)
	if err != nil {
		return nil, err
	}
	return f.query.Print(in.Ctx, in.World, record)
}

// Record is what Build prints, in stored form.
func (f *Flow) fill(in BuildInput) (map[string]any, error) {
	out := map[string]any{}
	var problems []Problem
	for _, from := range f.froms {
		got, err := from.program.Eval(in.input(f))
		if err != nil {
			return nil, err
		}
		v, err := expr.ToStored(from.property.Type, known(got))
		if err != nil {
			problems = append(problems, Problem{from.property.Name, WrongValue, []string{"?", string(from.property.Type.Kind)}})
			continue
		}
		if v != nil {
			out[from.property.Name] = v
		} else if from.property.Required {
			problems = append(problems, Problem{from.property.Name, Missing, nil})
		}
	}
	if len(problems) > 0 {
		return nil, &Error{Problems: problems, texts: f.all.texts}
	}
	return out, nil
}

func (in BuildInput) input(f *Flow) expr.Input {
	return expr.Input{Ctx: in.Ctx, Vars: f.names(in), Day: in.Asked, World: in.World}
}

// names are what the expressions of a request see. A record that is not there is an absent value, not an empty one.
func (f *Flow) names(in BuildInput) map[string]any {
	vars := map[string]any{f.source: in.Subject, "asked": in.Asked, "case": nil}
	if in.Case != nil {
		vars["case"] = in.Case
	}
	for _, s := range f.others {
		if vars[s.Name] = nil; in.Others[s.Name] != nil {
			vars[s.Name] = in.Others[s.Name]
		}
	}
	return vars
}

// known is a value if all of it is known; nil otherwise.
func known(r expr.Result) any {
	if !r.Known() {
		return nil
	}
	return r.Value
}
