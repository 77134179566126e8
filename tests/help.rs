//! Help texts are part of the product, so they stand under snapshot.

use insta::assert_snapshot;

use crate::harness::{finish, program, repository};

fn help(arguments: &[&str]) -> String {
    finish(program(&repository()).args(arguments)).whole()
}

#[test]
fn help_of_the_program() {
    assert_snapshot!(help(&["--help"]));
}

#[test]
fn help_of_scan() {
    assert_snapshot!(help(&["scan", "--help"]));
}

#[test]
fn help_of_email() {
    assert_snapshot!(help(&["email", "--help"]));
}

#[test]
fn help_of_check() {
    assert_snapshot!(help(&["check", "--help"]));
}

#[test]
fn program_without_a_verb_says_what_there_is() {
    assert_snapshot!(help(&[]));
}

#[test]
fn misspelt_verb_is_wrong_usage() {
    assert_snapshot!(help(&["scna", "x"]));
}

#[test]
fn scan_without_a_path_is_wrong_usage() {
    assert_snapshot!(help(&["scan"]));
}
