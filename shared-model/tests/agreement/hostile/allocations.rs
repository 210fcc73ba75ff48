//! How much memory a deed holds at its worst moment, counted for each thread by itself.

#![expect(unsafe_code, reason = "no safe code can be asked for memory; this only counts and passes on")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Taken before anything is given back, as when a list moves to a larger place.
fn note(taken: usize, given_back: usize) {
    // Memory is also asked for while a thread ends and its counters are gone.
    let _ = HELD.try_with(|held| {
        let worst = held.get().saturating_add_unsigned(taken);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(worst)));
        held.set(worst.saturating_sub_unsigned(given_back));
    });
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

/// What the deed gave, and the most bytes it held at one time beyond those held before.
pub fn peak_of<T>(deed: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let given = deed();
    (given, PEAK.get().saturating_sub(before).unsigned_abs())
}

#[test]
fn a_large_allocation_is_noticed_even_when_nothing_of_it_is_left() {
    let (_, nothing) = peak_of(|| 0);
    assert_eq!(nothing, 0);
    let (_, reserved) = peak_of(|| drop(Vec::<u8>::with_capacity(3_000_000)));
    assert_eq!(reserved, 3_000_000);
    let (_, zeroed) = peak_of(|| drop(vec![0_u64; 100_000]));
    assert_eq!(zeroed, 800_000);
}

#[test]
fn a_growing_list_counts_with_its_old_place() {
    let (list, peak) = peak_of(|| {
        let mut list = Vec::with_capacity(1_000);
        list.resize(1_000, 7_u8);
        list.reserve_exact(1_000);
        list
    });
    assert_eq!((list.capacity(), peak), (2_000, 3_000));
}

#[test]
fn what_other_threads_hold_is_not_counted() {
    let (_, peak) = peak_of(|| std::thread::spawn(|| drop(vec![1_u8; 3_000_000])).join().unwrap());
    assert!(peak < 100_000, "{peak}");
}
