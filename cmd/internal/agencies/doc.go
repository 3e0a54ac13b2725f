// Package agencies simulates the agencies of the outside world: it accepts requests over HTTP and posts answers back
// later, refuses, repeats itself or says nothing, as it is told. Demos, scenarios and tests talk to it as they would
// to a real gateway; no product code imports it.
package agencies
