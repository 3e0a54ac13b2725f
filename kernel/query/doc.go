// Package query is the read road: it puts into a selection what the policies let the actor see - a row filter for
// every type that is read or filtered by, and a mask for every label - and has the store run it as one SQL statement.
// It also compiles the lists of packages (list.go), which are selections with arguments.
//
// It writes nothing, knows no GraphQL and holds no SQL. kernel/access words the policies, kernel/store the SQL; graph,
// kernel/command and kernel/job call it. A record that the actor may not see is not there: One is null, lists and
// counts leave it out, and nothing tells the two apart.
package query
