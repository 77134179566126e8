//! End-to-end tests: the real program on real bundles, one module per door, one binary for all.

mod house;
