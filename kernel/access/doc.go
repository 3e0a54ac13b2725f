// Package access stands between the roads and the policies: it says who the actor is to Rego, what a row is, and asks
// policies.Set, whose only caller it is. Check judges one record, Filter and Show give the filters that a selection
// must conjoin, Edit and Hidden judge labels.
//
// Filters are made by partial evaluation, once for all actors of a class (class.go); what the read road makes of filters
// it keeps by the class. A paper of a case - a task, a decision, an award - is read by who may read the case (paper.go).
//
// It loads nothing and journals nothing: the roads do. A Gate belongs to one release and one tree of territories and
// never changes but for its cache of filters, which depends on nothing else than the actor's class and the day.
//
// Every failure of a policy (an error, a limit, a cancelled context) is a refusal.
package access
