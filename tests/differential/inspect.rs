//! For `differential.py`: reads paths from stdin, one per line, and prints cuecard's reading of each as a line of JSON.

use cuecard::domain::subtitle::{Inspected, inspect};
use serde_json::{Value, json};
use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for path in std::io::stdin().lock().lines() {
        let bytes = std::fs::read(path?)?;
        writeln!(out, "{}", summary(&inspect(&bytes, false)))?;
        out.flush()?;
    }
    Ok(())
}

fn summary(found: &Inspected) -> Value {
    match found {
        Inspected::Other(other) => json!({ "other": format!("{other:?}") }),
        Inspected::Subtitles(found) => {
            let fault = |fault: &cuecard::domain::subtitle::Fault| {
                json!({
                    "kind": format!("{:?}", fault.kind),
                    "rule": fault.kind.rule().code(),
                    "severity": fault.severity.word(),
                    "line": fault.line,
                    "column": fault.column,
                    "count": fault.count,
                })
            };
            json!({
                "format": format!("{:?}", found.format),
                "apparent": found.apparent,
                "recovered": found.recovered,
                "faults": found.faults.iter().map(fault).collect::<Vec<_>>(),
            })
        }
    }
}
