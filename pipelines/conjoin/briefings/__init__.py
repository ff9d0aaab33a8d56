"""Questions asked of the published marts, and the figures and pages made of the answers."""
