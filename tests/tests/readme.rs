//! README says of the practices what the code says: one source, [`tandem_model::practice::TABLE`].

use tandem_model::practice::TABLE;

const README: &str = include_str!("../../README.md");

/// The table as README shall have it.
fn table() -> String {
    let mut table = String::from("| key | value | RFC 2180 | what it does |\n|---|---|---|---|\n");
    for row in TABLE {
        let default = if row.default { " (default)" } else { "" };
        let (key, value) = (row.key, row.value);
        table.push_str(&format!(
            "| `{key}` | `{value}`{default} | {} | {} |\n",
            row.section, row.summary
        ));
    }
    table
}

#[test]
fn readme_has_the_table_of_practices() {
    let expected = table();
    let shown = README
        .split_once("a test compares them -->\n")
        .and_then(|(_, rest)| rest.split_once("<!-- end of practices -->"))
        .map(|(shown, _)| shown);
    assert_eq!(
        shown,
        Some(expected.as_str()),
        "README should have this table:\n{expected}"
    );
}
