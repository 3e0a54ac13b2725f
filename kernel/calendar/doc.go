// Package calendar counts terms: which days are working days, and on which day a term of days, working days, months
// or years ends.
//
// A Calendar is a value: Saturdays and Sundays off, corrected by the days that a region lists (holidays, and Saturdays
// that are worked). It knows no zone and no clock: instants become dates before they come here. Workflows ask it for
// deadlines and timers, schema/expr for addWorkdays and workdays.
package calendar
