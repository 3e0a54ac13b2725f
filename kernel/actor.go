package kernel

// ActorKind tells people from machines.
type ActorKind string

// Kinds of actors. Public is nobody in particular: a kiosk or a page without a login.
const (
	Staff   ActorKind = "staff"
	Citizen ActorKind = "citizen"
	System  ActorKind = "system"
	Agency  ActorKind = "agency"
	Public  ActorKind = "public"
)

// Actor is who acts: the whole of what policies know about him. It is a value of a command, never of a context.
type Actor struct {
	Kind        ActorKind `json:"kind"`
	ID          string    `json:"id"`   // stable name: "ivanova", "exchange:PensionCheck"
	Name        string    `json:"name"` // what people read
	Person      string    `json:"person,omitempty"`
	Roles       []string  `json:"roles"`
	Office      string    `json:"office,omitempty"` // id of the office's record
	Department  string    `json:"department,omitempty"`
	Territories []string  `json:"territories"` // codes, as written; access expands them downward
	Duties      []string  `json:"duties"`
	Glass       string    `json:"glass,omitempty"`  // the reason for breaking the glass
	Opened      string    `json:"opened,omitempty"` // id of the one record for which the glass is broken
}

// SystemActor is the actor of jobs, timers and decisions without an official.
func SystemActor() Actor { return Actor{Kind: System, ID: "system", Name: "system"} }
