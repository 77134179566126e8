//! Tells cargo that the copy of the knowledge base in the binary depends on these folders.

fn main() {
    for folder in ["rules", "cases", "templates", "tests/bundles/clean"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
