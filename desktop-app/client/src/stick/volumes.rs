//! Sticks that are plugged in, as far as the system tells.

use std::path::{Path, PathBuf};

/// More than anybody can plug in.
const VOLUMES_MAX: usize = 32;

/// Where sticks are mounted, in the order of their names.
pub fn mounted() -> Vec<PathBuf> {
    let mut found = find();
    found.sort();
    found.dedup();
    found.truncate(VOLUMES_MAX);
    found
}

#[cfg(target_os = "linux")]
fn find() -> Vec<PathBuf> {
    std::fs::read_to_string("/proc/self/mounts").map(|table| in_mount_table(&table)).unwrap_or_default()
}

#[cfg(target_os = "macos")]
fn find() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/Volumes").into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// Every drive but the system's; which of them can be pulled out, the person at the screen sees.
#[cfg(windows)]
fn find() -> Vec<PathBuf> {
    (b'D'..=b'Z')
        .map(|letter| PathBuf::from(format!("{}:\\", char::from(letter))))
        .filter(|path| path.exists())
        .collect()
}

/// Where desktops mount what is plugged in.
const PLACES: [&str; 3] = ["/media/", "/run/media/", "/mnt/"];

/// Mount points of the kernel's table that lie where sticks do and have a disk behind them.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "other systems have no such table"))]
fn in_mount_table(table: &str) -> Vec<PathBuf> {
    let mounts = table.lines().filter_map(|line| line.split_once(' '));
    let on_disks = mounts.filter(|(disk, _)| disk.starts_with("/dev/"));
    let points = on_disks.filter_map(|(_, rest)| rest.split(' ').next()).map(unescape);
    points.filter(|point| PLACES.iter().any(|place| point.starts_with(place))).map(PathBuf::from).collect()
}

/// Spaces, tabs, line ends and backslashes stand in octal.
fn unescape(point: &str) -> String {
    let known = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    known.into_iter().fold(point.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// The name people know a stick by: the last part of where it is mounted.
pub fn name(volume: &Path) -> String {
    volume.file_name().map_or_else(|| volume.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sticks_are_found_among_the_mounts() {
        let table = "proc /proc proc rw 0 0\n\
                     /dev/nvme0n1p2 / ext4 rw 0 0\n\
                     /dev/sdb1 /media/doi/USB\\040CUA\\040LAN vfat rw,nosuid 0 0\n\
                     /dev/sdc1 /run/media/doi/4A2B-0F11 exfat rw 0 0\n\
                     tools /mnt/tools 9p ro 0 0\n\
                     tmpfs /run/user/1000 tmpfs rw 0 0\nnonsense\n";
        let found = in_mount_table(table);
        assert_eq!(found, [PathBuf::from("/media/doi/USB CUA LAN"), PathBuf::from("/run/media/doi/4A2B-0F11")]);
        assert_eq!(name(&found[0]), "USB CUA LAN");
    }
}
