//! Arguments, log set-up, terminal guard, exit code. The only file that uses anyhow.

fn main() {}
