package kernel

// Derived is what a row that the kernel keeps was made of, as far as that is hidden from somebody: who may not see the
// labelled values of each of the sources does not see what was made of them.
type Derived struct {
	Labels  []string // of the labelled properties that were read, as Type.label, sorted
	Sources []string // ids of the records of those types that were in hand
}
