//! How much memory an input takes at its worst moment, in all threads together: one input runs at a time.

#![expect(unsafe_code, reason = "no safe code can be asked for memory; this only counts and passes on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

/// What one input may take.
pub const MEMORY_MAX: usize = 256 * 1024 * 1024;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static HELD: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

/// Taken before anything is given back, as when a list moves to a larger place.
fn note(taken: usize, given_back: usize) {
    let taken = isize::try_from(taken).unwrap_or(isize::MAX);
    let given_back = isize::try_from(given_back).unwrap_or(isize::MAX);
    let worst = HELD.fetch_add(taken, Ordering::Relaxed).saturating_add(taken);
    PEAK.fetch_max(worst, Ordering::Relaxed);
    HELD.fetch_sub(given_back, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator with the arguments it came with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(new_size, layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(memory, layout, new_size) }
    }
}

/// What the deed gave, and the most bytes held at one time beyond those held before.
pub fn peak_of<T>(deed: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let given = deed();
    let peak = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    (given, usize::try_from(peak).unwrap_or(0))
}
