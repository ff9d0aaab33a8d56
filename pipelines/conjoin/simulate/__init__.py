"""An invented industry with known truth, delivered in the formats of all declared sources."""
