package schema

// KernelTypes are the types that the kernel keeps itself - tasks, requests, decisions, awards, money, prints, the
// journal - described as documents, so that GraphQL, filters and selections treat them like any other type. Each call
// makes new values. Where the rows lie is the business of kernel/store.
//
// A link to Case leads to the record of any type that has a workflow. An Inverse is the list that the target gets:
// Task.case makes case.tasks.
func KernelTypes() []*Document {
	return []*Document{
		kernelDocument("Task", "tasks", "work of a person in a case",
			link("case", "Case", "tasks"), text("name"), text("state"), text("title"), text("role"), id("party"),
			text("worker"), text("item"), text("form"), list("choices"), kernelProperty("due", DateTime),
			text("status"), text("choice"), text("doneBy"), kernelProperty("doneAt", DateTime), created(),
			link("office", "Office", "")),
		kernelDocument("Request", "requests", "a question to an agency and its answer",
			link("case", "Case", "requests"), text("name"), text("title"), text("exchange"), text("flow"),
			text("work"), text("state"), text("subjectType"), id("subject"), kernelProperty("asked", Date),
			text("item"), text("status"), kernelProperty("attempts", Integer), text("note"), dynamic("body"),
			dynamic("covers"), dynamic("answer"), kernelProperty("sentAt", DateTime),
			kernelProperty("answeredAt", DateTime), kernelProperty("due", DateTime), created(), text("createdBy"),
			link("office", "Office", "")),
		kernelDocument("Decision", "decisions", "what a measure says of a case, with its grounds",
			link("case", "Case", "decisions"), text("measure"), link("beneficiary", "Person", "decisions"),
			link("recipient", "Person", ""), text("result"), text("number"), kernelProperty("date", Date),
			kernelProperty("asked", Date), kernelProperty("from", Date), kernelProperty("to", Date),
			kernelProperty("amount", Money), reasons(), dynamic("content"), kernelProperty("settled", Boolean),
			text("release"), kernelProperty("knownAt", DateTime), created(), text("createdBy"),
			link("office", "Office", "")),
		kernelDocument("Award", "awards", "a granted right to payments",
			kernelProperty("version", Integer), link("case", "Case", "awards"), link("decision", "Decision", ""),
			text("measure"), link("beneficiary", "Person", "awards"), link("recipient", "Person", ""),
			text("purpose"), kernelProperty("from", Date), kernelProperty("to", Date),
			kernelProperty("amount", Money), text("every"), dynamic("payout"), text("status"), text("ended"),
			created(), text("createdBy"), link("office", "Office", "")),
		kernelDocument("Accrual", "accruals", "what one slice of an award owes",
			link("award", "Award", "accruals"), kernelProperty("from", Date), kernelProperty("to", Date),
			kernelProperty("seq", Integer), text("kind"), kernelProperty("amount", Money),
			kernelProperty("due", Date), text("release"), dynamic("content"), link("payment", "Payment", "accruals"),
			created(), text("createdBy")),
		kernelDocument("Payment", "payments", "one line of a payment list",
			link("list", "PaymentList", "payments"), link("award", "Award", "payments"),
			link("recipient", "Person", "payments"), kernelProperty("amount", Money), dynamic("payout"),
			text("status")),
		kernelDocument("PaymentList", "paymentLists", "what one run pays",
			text("number"), kernelProperty("date", Date), kernelProperty("from", Date), kernelProperty("to", Date),
			text("channel"), kernelProperty("total", Money), kernelProperty("count", Integer), text("status"),
			created(), text("createdBy"), link("office", "Office", "")),
		kernelDocument("Print", "prints", "a paper as it was printed",
			link("case", "Case", "prints"), text("form"), text("title"), text("release"), unfiltered("html"),
			text("sha256"), created(), text("createdBy"), link("office", "Office", "")),
		kernelDocument("Notice", "notices", "word sent to a party",
			link("case", "Case", "notices"), id("party"), link("print", "Print", ""), text("channel"), text("title"),
			created()),
		kernelDocument("Event", "events", "an entry of the journal",
			kernelProperty("at", DateTime), text("actor"), text("actorKind"), text("action"), text("type"),
			id("record"), kernelProperty("version", Integer), text("release"), text("key"), dynamic("before"),
			dynamic("after"), text("note")),
		kernelDocument("Attachment", "attachments", "a file of a record",
			text("type"), id("record"), text("slot"), text("name"), text("media"), kernelProperty("size", Integer),
			text("sha256"), created(), text("createdBy"), text("void")),
		kernelDocument("Actor", "actors", "who may act",
			text("kind"), text("name"), link("person", "Person", ""), list("roles"), link("office", "Office", ""),
			text("department"), list("territories"), list("duties"), kernelProperty("active", Boolean)),
		kernelDocument("Package", "packages", "an installed catalog package",
			text("name"), text("version"), text("digest"), text("title"), text("status"), dynamic("faults"),
			kernelProperty("installedAt", DateTime), text("installedBy")),
		kernelDocument("Release", "releases", "packages compiled together",
			text("digest"), dynamic("packages"), created(), kernelProperty("current", Boolean)),
		kernelDocument("ParameterValue", "parameterValues", "a value of a parameter from a date",
			text("name"), kernelProperty("from", Date), text("keys"), dynamic("value"), dynamic("law"),
			text("source"), created()),
		kernelDocument("ClassifierItem", "classifierItems", "an item of a classifier",
			text("classifier"), text("code"), text("title"), text("parent"), kernelProperty("from", Date),
			kernelProperty("to", Date), dynamic("codes"), dynamic("attributes"), text("source")),
	}
}

// WithKernelTypes is the catalog with the kernel's types among its documents. A document of a package never has the
// name of a kernel type: the names are reserved.
func (c *Catalog) WithKernelTypes() *Catalog {
	out := *c
	out.Documents = make(map[string]*Document, len(c.Documents)+16)
	for name, d := range c.Documents {
		out.Documents[name] = d
	}
	for _, d := range KernelTypes() {
		out.Documents[d.Name] = d
	}
	return &out
}

func kernelDocument(name, plural, description string, ps ...*Property) *Document {
	all := append([]*Property{{Name: "id", Index: true, Type: &Type{Kind: UUID}}}, ps...)
	return &Document{
		Meta: Meta{Name: name, Description: description}, Plural: Scalar{Text: plural}, Properties: all,
	}
}

func kernelProperty(name string, k Kind) *Property {
	return &Property{Name: name, Index: true, Type: &Type{Kind: k}}
}

func text(name string) *Property { return kernelProperty(name, Text) }
func id(name string) *Property   { return kernelProperty(name, UUID) }
func created() *Property         { return kernelProperty("createdAt", DateTime) }

func link(name, to, inverse string) *Property {
	return &Property{Name: name, Index: true, Type: &Type{Kind: Link, Of: to}, Inverse: Scalar{Text: inverse}}
}

func list(name string) *Property {
	return &Property{Name: name, Index: true, Type: &Type{Kind: Array, Elem: &Type{Kind: Text}}}
}

func unfiltered(name string) *Property { return &Property{Name: name, Type: &Type{Kind: Text}} }

// dynamic is a value without a schema of its own: an object type without fields is GraphQL's JSON.
func dynamic(name string) *Property { return &Property{Name: name, Type: &Type{Kind: Object}} }

func reasons() *Property {
	law := &Type{Kind: Object, Of: "Law", Fields: []*Property{unfiltered("act"), unfiltered("article")}}
	reason := &Type{Kind: Object, Of: "Reason", Fields: []*Property{
		unfiltered("condition"), unfiltered("title"), unfiltered("text"), {Name: "law", Type: law}}}
	return &Property{Name: "reasons", Type: &Type{Kind: Array, Elem: reason}}
}
