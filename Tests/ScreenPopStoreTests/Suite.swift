// The suite of this target.
