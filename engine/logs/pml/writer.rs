//! Writes small traces for the tests, so that the repository needs no borrowed files.

/// A trace that grows event by event.
pub(super) struct Writer {
    pointer: usize,
    events: Vec<Vec<u8>>,
}

/// The strings of every trace written here: integrity, user, program, image and command line.
const STRINGS: [&str; 6] =
    ["", "High", "NT AUTHORITY\\SYSTEM", "TiWorker.exe", "C:\\Windows\\TiWorker.exe", "-Embedding"];

/// A text with its mark, one byte a character.
pub(super) fn mark(text: &str) -> [u8; 2] {
    (0x8000 | u16::try_from(text.len()).expect("it fits")).to_le_bytes()
}

/// The structure of a file system event with its parameters in slots as wide as pointers.
pub(super) fn request(pointer: usize, minor: u8, flags: u32, slots: &[u64], path: &str, tail: &[u8]) -> Vec<u8> {
    let mut bytes = vec![minor, 0, 0, 0, 0, 0, 0, 0];
    bytes.extend(flags.to_le_bytes());
    bytes.extend([0; 4]);
    let start = bytes.len();
    for slot in slots {
        bytes.extend(&slot.to_le_bytes()[..pointer]);
    }
    bytes.resize(start + pointer * 5 + 8, 0);
    bytes.extend(mark(path));
    bytes.extend([0; 2]);
    bytes.extend(path.as_bytes());
    bytes.extend(tail);
    bytes
}

impl Writer {
    /// An empty trace of a 32- or 64-bit Windows.
    pub(super) fn of(pointer: usize) -> Self {
        Self { pointer, events: Vec::new() }
    }

    /// Adds an event of the one process, with a stack of two frames.
    pub(super) fn event(mut self, class: u32, operation: u16, result: u32, structure: &[u8], output: &[u8]) -> Self {
        let mut event = Vec::new();
        for number in [7, 42, class] {
            event.extend(u32::to_le_bytes(number));
        }
        event.extend(operation.to_le_bytes());
        event.extend([0; 6]);
        event.extend(112_u64.to_le_bytes());
        event.extend(132_406_535_070_236_729_u64.to_le_bytes());
        event.extend(result.to_le_bytes());
        event.extend([2, 0, 0, 0]);
        event.extend(u32::try_from(structure.len()).expect("it fits").to_le_bytes());
        let end = 52 + 2 * self.pointer + structure.len();
        event.extend(if output.is_empty() { 0 } else { u32::try_from(end).expect("it fits") }.to_le_bytes());
        event.resize(52 + 2 * self.pointer, 0xee);
        event.extend(structure);
        if !output.is_empty() {
            event.extend(u16::try_from(output.len()).expect("it fits").to_le_bytes());
            event.extend(output);
        }
        self.events.push(event);
        self
    }

    /// The bytes of the trace.
    pub(super) fn bytes(self) -> Vec<u8> {
        let mut file = vec![0; 0x3a8];
        let mut places = Vec::new();
        for event in &self.events {
            places.extend(u32::try_from(file.len()).expect("it fits").to_le_bytes());
            places.push(0);
            file.extend(event);
        }
        let offsets = file.len();
        file.extend(places);
        let processes = file.len();
        file.extend(self.process());
        let strings = file.len();
        file.extend(table_of_strings());
        let hosts = file.len();
        file.extend([0; 8]);
        file[..8].copy_from_slice(b"PML_\x09\0\0\0");
        file[8] = u8::from(self.pointer == 8);
        let mut put = |place: usize, value: usize| file[place..place + 8].copy_from_slice(&value.to_le_bytes());
        put(0x234, self.events.len());
        put(0x240, 0x3a8);
        put(0x248, offsets);
        put(0x250, processes);
        put(0x258, strings);
        put(0x260, hosts);
        put(0x398, 0x3a8);
        put(0x3a0, hosts);
        file
    }

    fn process(&self) -> Vec<u8> {
        let mut table: Vec<u8> = [1_u32, 7, 12, 7, 1364, 4, 0].into_iter().flat_map(u32::to_le_bytes).collect();
        table.extend(0x3e7_u64.to_le_bytes());
        table.extend([0; 24]);
        let numbers = [0, u32::from(self.pointer == 8), 1, 2, 3, 4, 5, 0, 0, 0, 0, 0];
        table.extend(numbers.into_iter().flat_map(u32::to_le_bytes));
        table.extend([0; 12]);
        table
    }
}

fn table_of_strings() -> Vec<u8> {
    let mut table = u32::try_from(STRINGS.len()).expect("it fits").to_le_bytes().to_vec();
    let mut texts = Vec::new();
    for string in STRINGS {
        table.extend(u32::try_from(4 + 4 * STRINGS.len() + texts.len()).expect("it fits").to_le_bytes());
        let units: Vec<u8> = string.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        texts.extend(u32::try_from(units.len()).expect("it fits").to_le_bytes());
        texts.extend(units);
    }
    table.extend(texts);
    table
}
