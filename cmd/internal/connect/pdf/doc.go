// Package pdf turns the HTML of print forms into PDF with a program of the machine: weasyprint, else chromium, else
// libreoffice, whichever is found when the server starts.
//
// The program is a child process with an empty environment, a folder of its own that is deleted afterwards, limits of
// time and memory, and no network where the system allows a namespace of its own (Renderer.Isolated). Without any
// program PDF returns ErrUnavailable and callers keep the HTML, which browsers print as well. cmd/internal/app makes
// one Renderer; the package knows nothing of prints or cases.
package pdf
