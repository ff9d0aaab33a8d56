"""The parts of the overlap briefing in the order of its page: the answer, who, where, why, when, what it rests on."""
