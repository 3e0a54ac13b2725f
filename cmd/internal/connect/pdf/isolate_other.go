//go:build !linux

package pdf

import (
	"context"
	"syscall"
)

// attributes put the child into a process group of its own, so that all of it can be ended.
func attributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// canIsolate: only Linux has network namespaces.
func canIsolate(context.Context) bool { return false }
