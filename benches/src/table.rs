//! The table that is printed at the end, in the form BENCHMARKS.md keeps it.

#[derive(Default)]
pub struct Table(Vec<[String; 3]>);

impl Table {
    pub fn row(&mut self, what: impl Into<String>, figure: impl Into<String>, against: impl Into<String>) {
        let row = [what.into(), figure.into(), against.into()];
        eprintln!("{}: {} {}", row[0], row[1], row[2]);
        self.0.push(row);
    }

    #[expect(clippy::print_stdout, reason = "the table is what this program is for")]
    pub fn print(&self) {
        println!("| what | figure | against |\n| --- | --- | --- |");
        for [what, figure, against] in &self.0 {
            println!("| {what} | {figure} | {against} |");
        }
    }
}
