namespace DecentralizedLion.Fuzz.Frames;

/// <summary>The situation of the member that gets an episode's frames.</summary>
enum MemberScene
{
    /// <summary>It takes part in a ring of three.</summary>
    InTheRing,

    /// <summary>It was just started; one of the others has greeted.</summary>
    BeforeBootstrap,

    /// <summary>It comes back, and lacks what the others have.</summary>
    Behind,
}
