"""The demo company: invented people, a year of what they did, and a queue that is worked."""
