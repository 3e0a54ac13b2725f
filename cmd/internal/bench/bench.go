package bench

import (
	"context"
	"io"
)

// Options are those of one run.
type Options struct {
	Installation
	FillOnly bool
	Out      io.Writer
}

// Run makes the region where it is missing and measures.
func Run(ctx context.Context, o *Options) error {
	if err := o.Open(ctx); err != nil {
		return err
	}
	if err := o.Fill(ctx); err != nil || o.FillOnly {
		return err
	}
	return nil
}
