"""The statement of one site: a page or two that its factory can hand to a buyer."""
