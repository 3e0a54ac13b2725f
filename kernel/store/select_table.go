package store

import (
	"strings"

	"mera/kernel"
	"mera/schema"
)

// repr is how a value stands in SQL, which decides how it is compared and shown.
type repr int

const (
	asText repr = iota
	asUUID
	asInt
	asNumeric
	asBool
	asTime // timestamptz
	asDay  // date
	asKopecks
	asTexts // text[]
	asUUIDs // uuid[]
	asJSON  // jsonb
)

// column is a value of a row: SQL in which the alias of the row is written $.
type column struct {
	sql  string
	repr repr
	typ  *schema.Type // of a column whose value has fields
}

// table is a table of the kernel as selections see it. Columns are by GraphQL names, which filters and
// policies use too.
type table struct {
	from    string
	where   string // what rows always meet
	since   string // column of the moment from which a row was known
	columns map[string]column
	// parents say how rows hang on a record by a property that is no single column; $ is the row, ^ the row above.
	parents map[string]string
	// caseType is the column with the type of the record that `case` or `record` leads to.
	caseType string
	// derived are columns that may have been made of labelled values, with what stands for them where they do not show.
	derived map[string]string
	// free tables have no policy of their own: their rows are only reached from a row that may be seen.
	free bool
}

func (t *table) always(alias string) string { return on(t.where, alias) }

// recordColumns are what the kernel keeps of each record beside its data.
var recordColumns = map[string]column{
	"id": {sql: "$.id", repr: asUUID}, "version": {sql: "$.version", repr: asInt}, "type": {sql: "$.type", repr: asText},
	"createdAt": {sql: "$.created_at", repr: asTime}, "createdBy": {sql: "$.created_by", repr: asText},
	"updatedAt": {sql: "$.updated_at", repr: asTime}, "updatedBy": {sql: "$.updated_by", repr: asText},
	"void": {sql: "$.void", repr: asText}, "title": {sql: "$.title", repr: asText}, "state": {sql: "$.state", repr: asText},
	"number": {sql: "$.number", repr: asText}, "final": {sql: "$.final", repr: asBool}, "office": {sql: "$.office", repr: asUUID},
	"worker": {sql: "$.worker", repr: asText}, "card": {sql: "$.card", repr: asUUID}, "root": {sql: "$.root", repr: asUUID},
	"parent": {sql: "$.parent", repr: asUUID}, "applicant": {sql: "$.applicant", repr: asUUID}, "opened": {sql: "$.created_at", repr: asTime},
	"due": {sql: "$.due", repr: asDay}, "channel": {sql: "$.channel", repr: asText}, "territory": {sql: "$.territory", repr: asText, typ: typesOfColumns["territory"]},
	"author": {sql: "$.author", repr: asText}, "persons": {sql: "$.persons", repr: asUUIDs},
	"createdByName": {sql: "(select a.name from actor a where a.id = $.created_by)", repr: asText},
}

// recordAttributes are what policies read of a record beside its `access` attributes.
var recordAttributes = map[string]column{
	"id": {sql: "$.id", repr: asUUID}, "type": {sql: "$.type", repr: asText}, "state": {sql: "$.state", repr: asText}, "final": {sql: "$.final", repr: asBool},
	"office": {sql: "$.office", repr: asUUID}, "department": {sql: "$.department", repr: asText}, "territory": {sql: "$.territory", repr: asText, typ: typesOfColumns["territory"]},
	"author": {sql: "$.author", repr: asText}, "worker": {sql: "$.worker", repr: asText}, "card": {sql: "$.card", repr: asUUID},
	"persons": {sql: "$.persons", repr: asUUIDs}, "created": {sql: "($.created_at at time zone 'UTC')::date", repr: asDay},
}

// columnsOf reads a list of columns: "name", "name:repr" or "name=column:repr", where the column is the name in
// snake_case unless it is given.
func columnsOf(list string) map[string]column {
	out := map[string]column{}
	for _, word := range strings.Fields(list) {
		word, kind, _ := strings.Cut(word, ":")
		name, sql, given := strings.Cut(word, "=")
		if !given {
			sql = snake(name)
		}
		if !strings.Contains(sql, "$") {
			sql = "$." + sql
		}
		out[name] = column{sql: sql, repr: reprs[kind], typ: typesOfColumns[kind]}
	}
	return out
}

var reprs = map[string]repr{
	"": asText, "uuid": asUUID, "int": asInt, "bool": asBool, "time": asTime, "day": asDay, "money": asKopecks,
	"texts": asTexts, "uuids": asUUIDs, "json": asJSON,
	"territory": asText, "reasons": asJSON, "conditions": asJSON,
}

// typesOfColumns are the columns whose values have fields: an item of the classifier Territory, and what a decision
// was made of.
var typesOfColumns = map[string]*schema.Type{
	"territory": {Kind: schema.Item, Of: "Territory"},
	"reasons":   listOf("Reason", textField("condition"), textField("title"), textField("text"), lawField),
	"conditions": listOf("DecisionCondition", textField("name"), textField("title"), textField("truth"), lawField,
		&schema.Property{Name: "trace", Type: listOf("DecisionStep", textField("text"), textField("value"), textField("source"), lawField)}),
}

func listOf(name string, fields ...*schema.Property) *schema.Type {
	return &schema.Type{Kind: schema.Array, Elem: &schema.Type{Kind: schema.Object, Of: name, Fields: fields}}
}

var lawField = &schema.Property{Name: "law", Type: &schema.Type{Kind: schema.Object, Of: lawType,
	Fields: []*schema.Property{textField("act"), textField("article")}}}

func textField(name string) *schema.Property {
	return &schema.Property{Name: name, Type: &schema.Type{Kind: schema.Text}}
}

func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

const (
	caseColumns  = " id:uuid case=case_id:uuid caseType createdAt:time "
	ownerColumns = " territory:territory office:uuid author persons:uuids "
)

func caseTable(from, list string) *table {
	return &table{
		from: from, since: "$.created_at", columns: columnsOf(caseColumns + ownerColumns + list), caseType: "$.case_type",
		parents: map[string]string{"case": "$.case_type = ^.type and $.case_id = ^.id"},
	}
}

// withBalances adds what the ledger holds for an award: debt is what the recipient owes back, owed what is accrued and
// not yet paid.
func withBalances(t *table) *table {
	balance := "(select coalesce(sum(p.amount), 0)::bigint from posting p where p.account = '"
	t.columns["debt"] = column{sql: "-" + balance + "debt:' || $.id)", repr: asKopecks}
	t.columns["owed"] = column{sql: balance + "award:' || $.id)", repr: asKopecks}
	return t
}

// kernelTables are the kernel's types. The names of their columns are those of schema/filter.KernelType, with what is
// shown but not filtered by.
var kernelTables = map[string]*table{
	"Task": caseTable("task", `work state title role party:uuid worker item form choices:texts
		due:time status choice doneBy doneAt:time`),
	"Request": derives(caseTable("request", `name title exchange flow work state subjectType
		subject=subject_id:uuid asked:day item body:json status attempts:int note covers:json answer:json
		createdBy sentAt:time answeredAt:time due:time release`), map[string]string{"body": "null", "answer": "null", "note": "null"}),
	"Decision": derives(caseTable("decision", `measure beneficiary:uuid recipient:uuid result number
		date:day asked:day from=period_from:day to=period_to:day amount:money reasons:reasons content:json settled:bool
		conditions=coalesce($.content->'conditions','[]'):conditions release knownAt:time createdBy`),
		map[string]string{"reasons": "'[]'::jsonb", "conditions": "'[]'::jsonb", "content": "null"}),
	"Award": withBalances(caseTable("award", `version:int decision:uuid measure beneficiary:uuid recipient:uuid
		purpose from=date_from:day to=date_to:day amount:money every payout:json status ended createdBy`)),
	"Accrual": {
		from: "accrual", since: "$.created_at", derived: map[string]string{"content": "null"},
		columns: withColumn(columnsOf(`id:uuid award:uuid from=date_from:day to=date_to:day seq:int kind amount:money
			due:day release content:json createdAt:time createdBy`), "payment",
			column{sql: "(select pa.payment from payment_accrual pa where pa.accrual = $.id)", repr: asUUID}),
		parents: map[string]string{
			"payment": "$.id in (select pa.accrual from payment_accrual pa where pa.payment = ^.id)"},
	},
	"Payment": {
		from:    "payment",
		columns: columnsOf(`id:uuid list:uuid award:uuid recipient:uuid amount:money payout:json status`),
	},
	"PaymentList": {
		from: "payment_list", since: "$.created_at",
		columns: columnsOf(`id:uuid number date:day from=date_from:day to=date_to:day channel total:money count:int
			status createdAt:time createdBy` + ownerColumns),
	},
	"Print": derives(caseTable("print", `form title release html sha256 createdBy`), map[string]string{"html": "null", "sha256": "null"}),
	"Notice": {
		from: "notice", since: "$.created_at", caseType: "$.case_type", free: true,
		columns: columnsOf(caseColumns + `party:uuid staff print:uuid channel title`),
		// what officials are told is theirs: whoever reads the case does not read it there
		parents: map[string]string{"case": "$.case_type = ^.type and $.case_id = ^.id and $.staff is null"},
	},
	"Event": {
		from: "journal", since: "$.at", caseType: "$.type", where: "$.action <> '" + kernel.ReadAction + "'", // which only seals
		columns: columnsOf(`id:uuid at:time actor kind action type record:uuid root:uuid version:int release key
			before:json after:json note`),
		parents: map[string]string{"record": "$.type = ^.type and $.record = ^.id"},
	},
	"Attachment": {
		from: "attachment", since: "$.created_at", where: "$.void is null", caseType: "$.type", free: true,
		columns: columnsOf(`id:uuid type record:uuid slot name media size:int sha256 createdAt:time createdBy`),
		parents: map[string]string{"record": "$.type = ^.type and $.record = ^.id"},
	},
	"Key": {
		from: "record_key", free: true, columns: columnsOf(`id=value system value`),
		parents: map[string]string{"record": "$.type = ^.type and $.id = ^.id"},
	},
	"Scheduled": {
		from: "schedule", free: true, columns: columnsOf(`id=award:uuid award:uuid from=date_from:day every amount:money`),
	},
	"Version": {
		from: "record_known", since: "$.since", free: true,
		columns: columnsOf(`id=event:uuid version:int since:time until:time by=updated_by state title void data:json`),
		parents: map[string]string{"record": "$.type = ^.type and $.id = ^.id"},
	},
	"Actor": {
		from: "actor",
		columns: columnsOf(`id kind name person:uuid roles:texts office:uuid department territories:texts duties:texts
			active:bool`),
	},
	"Package": {
		from:    "package",
		columns: columnsOf(`id=name name version digest title status faults:json installedAt:time installedBy`),
	},
	"Release": {
		from:    "release",
		columns: columnsOf(`id=digest digest packages:json createdAt:time current:bool`),
	},
	"Parameter": {
		from: "parameter_value", since: "$.created_at",
		columns: columnsOf(`id=name||'/'||$.date_from||'/'||$.keys name from=date_from:day keys value:json law:json
			source createdAt:time`),
	},
	"Classifier": {
		from: "classifier_item",
		columns: columnsOf(`id=classifier||'/'||$.code classifier code title parent from=date_from:day to=date_to:day
			codes:json attributes:json source`),
	},
}

func withColumn(columns map[string]column, name string, c column) map[string]column {
	columns[name] = c
	return columns
}
