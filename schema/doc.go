// Package schema is the definition language of mera as Go values: what a catalog package says, with the place of
// every word of it, and the diagnostics that tell an author what is wrong and where.
//
// It holds no engine, reads no file and knows no package: schema/load fills these values from a folder and links the
// packages into a Catalog, schema/expr compiles the expressions, the engines (workflows, forms, printforms, policies,
// kernel/measure …) compile the definitions. One file holds one kind of definition.
package schema
