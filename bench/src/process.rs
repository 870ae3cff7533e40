//! What the kernel knows of a process: its processor time and its memory.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Ticks of processor time per second in `/proc`, on every Linux that we build for (proc(5), `USER_HZ`).
const TICKS_PER_SECOND: u64 = 100;

/// The processor time that the process has used so far, in all its threads.
pub(crate) fn cpu_time(id: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    Ok(Duration::from_millis(ticks(&stat).context("/proc/…/stat has no times")? * 1_000 / TICKS_PER_SECOND))
}

/// The memory that the process holds, in megabytes.
pub(crate) fn resident_megabytes(id: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("/proc/…/status has no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1_024.0)
}

/// User and system time, fields 14 and 15; counted behind the name, which may hold spaces and ends with a parenthesis.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_stand_behind_a_name_with_spaces() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 12345 1000 200";

        assert_eq!(ticks(stat), Some(300));
    }

    #[test]
    fn this_process_has_memory() {
        assert!(resident_megabytes(std::process::id()).expect("/proc is there") > 0.1);
    }
}
