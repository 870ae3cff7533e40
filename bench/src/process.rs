//! What the kernel knows of a process: its processor time, its memory, and how many files it may have open.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

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

/// Lets this process, and those that it starts, have so many files open.
pub(crate) fn allow_files(wanted: u64) -> Result<()> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let (soft, hard) = file_limits(&limits).context("/proc/…/limits has none for files")?;
    ensure!(hard >= wanted, "{wanted} files have to be open at a time, and {hard} may be (ulimit -Hn)");
    if soft < wanted {
        let id = std::process::id().to_string();
        let raised = Command::new("prlimit").args([&format!("--nofile={wanted}:"), "--pid", &id]).status()?;
        ensure!(raised.success(), "prlimit ended with {raised}");
    }
    Ok(())
}

/// How many files may be open, and how many a process may allow itself.
fn file_limits(limits: &str) -> Option<(u64, u64)> {
    let limit = limits.lines().find_map(|limit| limit.strip_prefix("Max open files"))?;
    let mut numbers = limit.split_whitespace().map(|number| number.parse().unwrap_or(u64::MAX));
    Some((numbers.next()?, numbers.next()?))
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
    fn files_have_a_limit_that_holds_and_one_that_may_be_asked_for() {
        let limits = "Max processes             4                    8                    processes \n\
            Max open files            1024                 unlimited            files     \n";

        assert_eq!(file_limits(limits), Some((1_024, u64::MAX)));
    }

    #[test]
    fn this_process_has_memory() {
        assert!(resident_megabytes(std::process::id()).expect("/proc is there") > 0.1);
    }
}
